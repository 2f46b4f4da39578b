"""The stores in SQL: accounts, catalogue, computations, workspace tree.

May import domain, ports, SQLAlchemy, Alembic and cattrs.
"""
