"""The report of `paribus review`: what a reviewer of a pull request reads first."""
