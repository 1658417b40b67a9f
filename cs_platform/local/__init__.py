"""The whole product on one machine: embedded PostgreSQL and Valkey from wheels, and one supervisor for our processes.

Nothing here is used in production, where DATABASE_URL and VALKEY_URL name real servers.
"""
