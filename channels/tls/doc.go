// Package tls puts TLS around a channel, as QEMU does: from the first byte on, the source of a migration as the client
// and its destination as the server.
//
// Certificates are the standard library's. What that lacks, keys that both sides know and sessions without any proof,
// is done by the system's GnuTLS, which is what QEMU uses.
package tls
