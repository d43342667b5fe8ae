"""Read news about conflict and security: who threatens, cooperates or draws down."""
