"""The stored wing's ground: who is acting, the database backend that tells PostgreSQL so, row security, paging."""
