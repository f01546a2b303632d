"""The pages of residents: from a stranger to a paid permit, and living with one."""
