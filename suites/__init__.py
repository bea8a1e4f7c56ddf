"""The conformance suites: packages, so that their modules never clash with those of a user's suite."""
