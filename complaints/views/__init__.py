"""Pages of cases: parse, ask the policy, one service or selector, answer."""
