"""What has been agreed with those who get personal data from us: confidentiality agreements."""
