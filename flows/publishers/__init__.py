"""What people see: words, chart, artifact, mail; and the outbox that keeps a mail from going out twice."""
