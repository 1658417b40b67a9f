"""People's data: what every table holds of them (policies), where a person's rows are (paths), all of it told (export), all of it gone (erase)."""
