"""The demo company: Harbourlight, a synthetic vendor of scheduling and invoicing software, its customers and their lives.

Nothing here is real. `model` imagines the company (no Django), `load` writes it, `past` lets the product react to it, `live` keeps it going.
"""
