"""The journal: the whole log, for those who must explain what happened."""
