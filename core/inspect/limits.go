package inspect

const (
	// maxElements bounds the list of elements: hours of iterations and
	// thousands of devices.
	maxElements = 1 << 17
	// manyParts is when PART sections that follow each other begin to share one element.
	manyParts = 1 << 12
	// maxState bounds all device state together: real machines have a few MiB, and 32 for each large screen.
	maxState = 256 << 20
	// maxPackage bounds a package, which holds the device state in postcopy.
	maxPackage = maxState
	// maxFields bounds the fields of all devices together.
	maxFields = 1 << 18
	// maxBlocks bounds the list of RAM blocks: one for memory and a few for each device.
	maxBlocks = 1 << 12
	// maxMachineName and maxCapabilities bound the configuration.
	maxMachineName  = 256
	maxCapabilities = 256
)
