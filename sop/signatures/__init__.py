"""Electronic signatures of papers: what a signed PDF says, judged offline against the office's trusted issuers."""
