// Package passfd keeps the descriptors that clients of a monitor pass over its socket and give names.
package passfd

import "qmpmigrate/qapi"

// Holder is a monitor whose clients can pass descriptors.
type Holder interface {
	qapi.Monitor
	// Received is where descriptors wait that the client has sent.
	Received() *Receiver
	// Named are those that clients gave names.
	Named() *Names
}
