package cmdline

func objectOptions() section {
	return section{"Objects", []option{
		{"object", "TYPE,id=ID[,PROPERTY=VALUE]...|JSON", works,
			"An object: memory backends, TLS credentials, authorization, secrets, I/O threads. help lists the " +
				"types, TYPE,help a type's properties.", objectOption},
	}}
}
