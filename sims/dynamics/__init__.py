"""Training, many trials at once: parameterisations, networks, losses, descent, and the tangent model beside them.

Parameters are tuples of tensors with a leading axis of trials; every function here works on all trials in one kernel.
"""
