"""E-mail services: Mailgun, Postmark, Amazon SES and SendGrid, each with its webhooks in and its API out."""
