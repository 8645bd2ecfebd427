"""Scorers of the eval suite: each compares a reply with what is known of its item."""
