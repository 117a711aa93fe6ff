"""The ground floor: values every room speaks in (money, dates, rules, errors). No Django, database or clock."""
