"""What is computed: one module for each family of reports, each a pure function of the facts."""
