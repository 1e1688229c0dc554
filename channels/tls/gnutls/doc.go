// Package gnutls calls the system's GnuTLS, which is looked for when it is first needed: neither a C compiler nor the
// library itself is needed to build the program. With the build tag nognutls the package is there, but never finds it.
package gnutls
