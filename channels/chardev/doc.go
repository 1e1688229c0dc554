// Package chardev holds character devices: the places where a monitor, a serial port or a test harness meets whoever
// talks to it. A Device is opened from a Config, a front end is attached to it, and once it is started the front end's
// handler is called for each client, one after the other. Messages are worded like QEMU 10.0's.
package chardev
