package qapi

// Event is something that happened, as every client in command mode is told of it.
type Event interface {
	// EventName returns the name on the wire, such as "MIGRATION".
	EventName() string
	// AppendData appends the object for the "data" member; it returns b unchanged when the event carries none.
	AppendData(b []byte) []byte
}

// EventSink takes events. Emit may be called from any goroutine and never blocks.
type EventSink interface {
	Emit(Event)
}
