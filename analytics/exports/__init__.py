"""CSV for spreadsheets: streamed at once where a table is small, else made by a worker."""
