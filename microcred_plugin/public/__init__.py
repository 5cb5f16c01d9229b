"""What anybody may read: shared awards and profiles, issuers, signed documents, the verifier."""
