"""What the credential service does: one file a verb, one transaction each. No Flask: values come in, answers go out."""
