"""What the REST interface for programs is made of: who calls, what is asked, how it is answered and refused."""
