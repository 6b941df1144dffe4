"""What can be asked about the agreements with a recipient of personal data."""
