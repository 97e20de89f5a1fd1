"""Who may what, and how they log in."""
