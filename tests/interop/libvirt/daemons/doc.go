// Package daemons runs libvirts as install.sh unpacks them: hosts that migrate domains to each other, on one machine
// and without installing anything.
//
// A Host is a libvirtd in namespaces of its own: it has its own host name, root folder, processes and shared memory,
// sees no /dev/kvm, and everything in it ends with the test, however that ends. The hosts of a Pair share a network
// in which there is nothing but a loopback device.
//
// A program that uses the package calls Inside first of all: hosts begin as copies of it. It needs root, and
// util-linux' nsenter.
package daemons
