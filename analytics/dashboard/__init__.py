"""The pages of the admin that show what was counted: their questions, pictures and tables."""
