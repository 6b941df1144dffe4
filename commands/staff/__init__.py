"""What can be asked about the access of staff."""
