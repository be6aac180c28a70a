//! `--help`.

/// The help text.
pub const HELP: &str = "\
Runs VELOCITY-OS as a program of this computer, with a simulated disk, screen and cores.

Usage: sim [OPTIONS]

Opens a window and, at the same time, uses this terminal as the machine's serial line. `help` lists the commands of the
system, `poweroff` ends it. Lines piped in are typed one by one: echo ls | sim --headless

Options:
  --headless           no window, even where there is a display
                         sim --headless
  --disk FILE          attach FILE as the disk, read-only if it may not be written, in blocks of 512 bytes, or 4096 if its
                       GPT says so; without it the disk is the embedded one, in memory and fresh at every start
                         sim --disk my.img
  --script FILE        type the commands in FILE, one a line (# starts a comment line), then end
                         sim --headless --script demo.script
  --transcript FILE    at the end, write prompts, commands and output to FILE
                         sim --headless --script demo.script --transcript demo.txt
  --screenshot FILE    at the end, save the screen as PNG; works without a display too
                         sim --headless --script demo.script --screenshot demo.png
  --cores N            give the machine N cores, 1 to 64; each is a thread (default 4)
                         sim --cores 8
  --memory MIB         give the machine MIB mebibytes of memory, 16 to 65536 (default 256)
                         sim --memory 64
  --seed N             one thread plays all cores for agents, by the numbers of this seed, in a time that goes on with what is
                       done: the same script gives the same transcript each time, whatever the host is at
                         sim --headless --script agents.script --seed 7
  --faults SPEC        make the disk misbehave; SPEC is a list with commas: read@LBA=status:CODE, write@LBA=status:CODE,
                       timeout@N, hang@N, fatal@N, unplug@N, torn@N, delay@N=TIME, reorder
                         sim --faults read@2048=status:0x281,timeout@40
  --bench-boot N       start N fresh machines, one after the other, and print the median time of each stage from power-on
                       to prompt, one JSON object a line
                         sim --bench-boot 50
  --bench-frames N     look at N frames of machines with idle and with greedy agents, and print how late they are on the screen,
                       one JSON object a line
                         sim --cores 2 --bench-frames 600
  -h, --help           print this text
  -V, --version        print the version

Exit codes: 0 the machine was switched off or the script ended, 1 the simulator failed, 2 bad command line.
";
