"""E-mail: raw MIME and IMAP in, SMTP out."""
