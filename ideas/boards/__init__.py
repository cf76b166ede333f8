"""Floor 2: the site and its boards, the roles people hold there, and who may see what."""
