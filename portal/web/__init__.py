"""The pages: a folder for a large subject, a module for a small one."""
