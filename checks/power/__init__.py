"""What a check would notice: graded mutants of each part, judged on draws that are made once."""
