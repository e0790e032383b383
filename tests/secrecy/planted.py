"""The secrets that are planted, and looked for: with signs that every encoding changes, where the field allows it."""

API_KEY = "Q7ZPLANTED5KEY0123456789X"
"""Letters and digits only, as the vendor gives them out and echoes them."""
SMTP_USER, SMTP_PASSWORD = "ann@example.test", "s/m+t p&w%ed\"r<d'-0123456789~~~"
FOREIGN = "p/l+a n&t%ed\"k<y'é-0123456789~~~"
"""With a sign that is not in ASCII."""
KAFKA_USER, KAFKA_PASSWORD = "writer", "k/a+f k&p%ab<s'd-0123456789~~~"
"""Without the signs that the broker's own settings would need escaped."""
WRONG_PASSWORD = "w/r+o n&g%ed\"k<y'é-0123456789~~~"
LEDGER_PASSWORD = "l/e+d@g:e%er-0123456789~~~"
ALL = (API_KEY, SMTP_PASSWORD, FOREIGN, KAFKA_PASSWORD, WRONG_PASSWORD, LEDGER_PASSWORD)
