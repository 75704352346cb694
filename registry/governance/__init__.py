"""Governance of contracts: drafts, what is said of them, who decides, and how a decision takes effect."""
