"""Outgoing webhooks: who wants to know what (endpoints), what they are told (offers), and how it gets there (dispatch, posting, address, signing)."""
