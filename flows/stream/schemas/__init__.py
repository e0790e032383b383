"""The JSON Schemas of the values on the topics, for programs in any language."""
