package hmp

import (
	"qmpmigrate/qapi"
)

func infoMigrateCommands() table {
	return table{{
		// -a came later, with a shorter output where it is not given.
		name: "migrate", args: parseArguments("all:-a!"), help: "show migration status", run: (*call).infoMigrate,
	}}
}

// infoMigrate shows how far the migration is.
func (c *call) infoMigrate() error {
	info, err := c.commands().QueryMigrate(c.ctx)
	if err != nil {
		return err
	}
	c.printGlobals(c.server.config.Globals())
	if info.BlockedReasons != nil {
		c.out.print("Outgoing migration blocked:\n")
		for _, reason := range info.BlockedReasons {
			c.out.printf("  %s\n", reason)
		}
	}
	if info.Status != nil {
		c.printStatus(info)
	}
	if info.RAM != nil {
		c.printRAM(info.RAM)
	}
	if info.Disk != nil {
		c.out.printf("transferred disk: %d kbytes\n", kbytes(info.Disk.Transferred))
		c.out.printf("remaining disk: %d kbytes\n", kbytes(info.Disk.Remaining))
		c.out.printf("total disk: %d kbytes\n", kbytes(info.Disk.Total))
	}
	if info.XBZRLECache != nil {
		c.printXBZRLE(info.XBZRLECache)
	}
	printIf(c, "cpu throttle percentage: %d\n", info.CPUThrottlePercentage)
	printIf(c, "dirty-limit throttle time: %d us\n", info.DirtyLimitThrottleTimePerRound)
	printIf(c, "dirty-limit ring full time: %d us\n", info.DirtyLimitRingFullTime)
	printIf(c, "postcopy blocktime: %d\n", info.PostcopyBlocktime)
	if info.PostcopyVCPUBlocktime != nil {
		c.out.printf("postcopy vcpu blocktime: %s\n", numberList(info.PostcopyVCPUBlocktime))
	}
	if info.SocketAddress != nil {
		c.out.print("socket address: [\n")
		for i := range info.SocketAddress {
			c.out.printf("\t%s\n", socketURI(&info.SocketAddress[i]))
		}
		c.out.print("]\n")
	}
	if info.VFIO != nil {
		c.out.printf("vfio device transferred: %d kbytes\n", kbytes(info.VFIO.Transferred))
	}
	return nil
}

func (c *call) printStatus(info *qapi.MigrationInfo) {
	c.out.printf("Migration status: %s", *info.Status)
	if *info.Status == qapi.MigrationStatusFailed && info.ErrorDesc != nil {
		c.out.printf(" (%s)", *info.ErrorDesc)
	}
	total := int64(0)
	if info.TotalTime != nil {
		total = *info.TotalTime
	}
	c.out.printf("\ntotal time: %d ms\n", total)
	printIf(c, "expected downtime: %d ms\n", info.ExpectedDowntime)
	printIf(c, "downtime: %d ms\n", info.Downtime)
	printIf(c, "setup: %d ms\n", info.SetupTime)
}

func (c *call) printRAM(r *qapi.MigrationStats) {
	c.out.printf("transferred ram: %d kbytes\n", kbytes(r.Transferred))
	c.out.printf("throughput: %0.2f mbps\n", r.Mbps)
	c.out.printf("remaining ram: %d kbytes\n", kbytes(r.Remaining))
	c.out.printf("total ram: %d kbytes\n", kbytes(r.Total))
	c.out.printf("duplicate: %d pages\n", r.Duplicate)
	c.out.printf("normal: %d pages\n", r.Normal)
	c.out.printf("normal bytes: %d kbytes\n", kbytes(r.NormalBytes))
	c.out.printf("dirty sync count: %d\n", r.DirtySyncCount)
	c.out.printf("page size: %d kbytes\n", kbytes(r.PageSize))
	c.out.printf("multifd bytes: %d kbytes\n", kbytes(r.MultifdBytes))
	c.out.printf("pages-per-second: %d\n", r.PagesPerSecond)
	printNonzero(c, "dirty pages rate: %d pages\n", r.DirtyPagesRate, r.DirtyPagesRate)
	printNonzero(c, "postcopy request count: %d\n", r.PostcopyRequests, r.PostcopyRequests)
	printNonzero(c, "precopy ram: %d kbytes\n", r.PrecopyBytes, kbytes(r.PrecopyBytes))
	printNonzero(c, "downtime ram: %d kbytes\n", r.DowntimeBytes, kbytes(r.DowntimeBytes))
	printNonzero(c, "postcopy ram: %d kbytes\n", r.PostcopyBytes, kbytes(r.PostcopyBytes))
	printNonzero(c, "Zero-copy-send fallbacks happened: %d times\n", r.DirtySyncMissedZeroCopy, r.DirtySyncMissedZeroCopy)
}

func (c *call) printXBZRLE(x *qapi.XBZRLECacheStats) {
	c.out.printf("cache size: %d bytes\n", x.CacheSize)
	c.out.printf("xbzrle transferred: %d kbytes\n", kbytes(x.Bytes))
	c.out.printf("xbzrle pages: %d pages\n", x.Pages)
	c.out.printf("xbzrle cache miss: %d pages\n", x.CacheMiss)
	c.out.printf("xbzrle cache miss rate: %0.2f\n", x.CacheMissRate)
	c.out.printf("xbzrle encoding rate: %0.2f\n", x.EncodingRate)
	c.out.printf("xbzrle overflow: %d\n", x.Overflow)
}

// integer is any kind of number that is shown as a whole one.
type integer interface{ ~int64 | ~uint64 | ~uint32 }

// kbytes counts as the unsigned numbers of QEMU do.
func kbytes[T integer](bytes T) uint64 { return uint64(bytes) >> 10 }

// printIf prints a number that is there.
func printIf[T integer](c *call, format string, n *T) {
	if n != nil {
		c.out.printf(format, *n)
	}
}

// printNonzero prints shown where n is not zero.
func printNonzero[T, S integer](c *call, format string, n T, shown S) {
	if n != 0 {
		c.out.printf(format, shown)
	}
}
