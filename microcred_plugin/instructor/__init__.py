"""
The instructor's pages: who of a course's learners has earned what, and who is one step away.

Only the course's own learners, and only for those who may see their grades.
"""
