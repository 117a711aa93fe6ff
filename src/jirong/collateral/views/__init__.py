"""Pages about assets and security: what one has, what lies on it, what secures a contract, and every step between."""
