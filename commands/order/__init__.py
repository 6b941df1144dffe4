"""What can be asked about an order: one file per request."""
