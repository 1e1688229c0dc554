package cmdline

// ignoredOptions are taken so that command lines written for QEMU work.
func ignoredOptions() section {
	s := section{title: "Taken for QEMU's sake, without effect"}
	for _, name := range [...]string{
		"nodefaults", "no-user-config", "enable-kvm", "usb", "no-hpet", "no-acpi", "no-fd-bootchk", "enable-fips",
		"full-screen", "win2k-hack",
	} {
		s.options = append(s.options, option{name: name, class: ignored, parse: ignore})
	}
	for _, o := range [][2]string{{"L", "DIR"}, {"k", "LANGUAGE"}, {"audio", "TYPE[,...]"}} {
		s.options = append(s.options, option{name: o[0], arg: o[1], class: ignored, parse: ignore})
	}
	return section{s.title, append(s.options,
		option{"nographic", "", ignored, "", nographic},
		option{"net", "none", ignored, "", noneOnly("network device")},
		option{"parallel", "none", ignored, "", noneOnly("parallel device")},
	)}
}
