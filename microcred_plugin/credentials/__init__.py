"""Awards as documents that anybody can verify: issuers and their keys, signing, status, sharing."""
