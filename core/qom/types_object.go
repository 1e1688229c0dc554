package qom

import "qmpmigrate/qapi"

// objectTypes are the types of objects that users make.
func objectTypes() Types {
	return Types{
		{Name: "memory-backend", Parent: "object", Abstract: true, Creatable: true, Properties: []qapi.ObjectPropertyInfo{
			property("share", "bool", "Mark the memory as private to QEMU or shared"),
			property("size", "int", "Size of the memory region (ex: 500M)"),
			property("dump", "bool", "Set to 'off' to exclude from core dump"),
			property("prealloc-threads", "int", "Number of CPU threads to use for prealloc"),
			property("x-use-canonical-path-for-ramblock-id", "bool", ""),
			property("policy", "HostMemPolicy", "Set the NUMA policy"),
			property("prealloc-context", "link<thread-context>", "Context to use for creating CPU threads for preallocation"),
			property("prealloc", "bool", "Preallocate memory"),
			property("reserve", "bool", "Reserve swap space (or huge pages) if applicable"),
			property("host-nodes", "int", "Binds memory to the list of NUMA host nodes"),
			property("merge", "bool", "Mark memory as mergeable"),
		}},
		{Name: "memory-backend-file", Parent: "memory-backend", Properties: []qapi.ObjectPropertyInfo{
			property("pmem", "bool", ""),
			property("align", "int", ""),
			property("offset", "int", "Offset into the target file (ex: 1G)"),
			property("mem-path", "string", ""),
			property("rom", "OnOffAuto", "Whether to create Read Only Memory (ROM)"),
			property("discard-data", "bool", ""),
			property("readonly", "bool", ""),
		}},
		{Name: "memory-backend-memfd", Parent: "memory-backend", Properties: []qapi.ObjectPropertyInfo{
			property("hugetlb", "bool", "Use huge pages"),
			property("seal", "bool", "Seal growing & shrinking"),
			property("hugetlbsize", "int", "Huge pages size (ex: 2M, 1G)"),
		}},
		{Name: "memory-backend-ram", Parent: "memory-backend"},
		{Name: "memory-backend-shm", Parent: "memory-backend"},
		{Name: "tls-creds", Parent: "object", Abstract: true, Properties: []qapi.ObjectPropertyInfo{
			property("endpoint", "QCryptoTLSCredsEndpoint", ""),
			property("dir", "string", ""),
			property("verify-peer", "bool", ""),
			property("priority", "string", ""),
		}},
		{Name: "tls-creds-anon", Parent: "tls-creds", Creatable: true},
		{Name: "tls-creds-psk", Parent: "tls-creds", Creatable: true, Properties: []qapi.ObjectPropertyInfo{
			property("username", "string", ""),
		}},
		{Name: "tls-creds-x509", Parent: "tls-creds", Creatable: true, Properties: []qapi.ObjectPropertyInfo{
			property("sanity-check", "bool", ""),
			property("passwordid", "string", ""),
		}},
		{Name: "authz", Parent: "object", Abstract: true},
		{Name: "authz-list", Parent: "authz", Creatable: true, Properties: []qapi.ObjectPropertyInfo{
			property("policy", "QAuthZListPolicy", ""),
			property("rules", "QAuthZListRule", ""),
		}},
		{Name: "authz-list-file", Parent: "authz", Creatable: true, Properties: []qapi.ObjectPropertyInfo{
			property("filename", "string", ""),
			property("refresh", "bool", ""),
		}},
		{Name: "authz-simple", Parent: "authz", Creatable: true, Properties: []qapi.ObjectPropertyInfo{
			property("identity", "string", ""),
		}},
		{Name: "secret_common", Parent: "object", Abstract: true, Properties: []qapi.ObjectPropertyInfo{
			property("iv", "string", ""),
			property("keyid", "string", ""),
			property("format", "QCryptoSecretFormat", ""),
		}},
		{Name: "secret", Parent: "secret_common", Creatable: true, Properties: []qapi.ObjectPropertyInfo{
			property("file", "string", ""),
			property("data", "string", ""),
		}},
		{Name: "event-loop-base", Parent: "object", Abstract: true, Properties: []qapi.ObjectPropertyInfo{
			property("thread-pool-min", "int", ""),
			property("aio-max-batch", "int", ""),
			property("thread-pool-max", "int", ""),
		}},
		{Name: "iothread", Parent: "event-loop-base", Creatable: true, Properties: []qapi.ObjectPropertyInfo{
			property("poll-max-ns", "int", ""),
			property("poll-grow", "int", ""),
			property("poll-shrink", "int", ""),
		}},
	}
}
