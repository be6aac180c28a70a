//! Draws a sample screen and writes it to a PNG file: `cargo run -p velocity-canvas --example screenshot -- FILE`.
//!
//! With `--time` it also prints what a page costs to draw, best of many.

use std::error::Error;
use std::time::{Duration, Instant};
use velocity_canvas::Console;

const SAMPLE: &str = concat!(
    "\x1b[1;37mVELOCITY-OS\x1b[0m  one system, two bodies\n\n",
    "\x1b[1;36mvelocity> \x1b[0mls\n",
    "              \x1b[1;34mdocs/\x1b[0m\n",
    "       1,024  HELLO.NDA\n",
    "      65,536  Größe über alles.txt\n",
    "\x1b[1;36mvelocity> \x1b[0mrun broken.nda\n",
    "\x1b[1;31merror\x1b[0m: expected `i64`, found `i32`\n",
    "  \x1b[34m-->\x1b[0m broken.nda:3:21\n",
    "   \x1b[34m|\x1b[0m\n",
    " \x1b[34m3 |\x1b[0m     let total: i64 = n;\n",
    "   \x1b[34m|\x1b[0m                      \x1b[1;31m^\x1b[0m\n",
    "\x1b[33mwarn\x1b[0m nvme: queue 1 timed out, controller reset\n",
    "\x1b[32mgreen\x1b[0m \x1b[4munderlined\x1b[0m \x1b[7m reverse \x1b[0m \x1b[35mmagenta\x1b[0m \x1b[36mcyan\x1b[0m ",
    "\x1b[90mgrey\x1b[0m ¿Åéîõü ß ł ő ž?\n",
    "┌──────┬──────┐  ░▒▓█▀▄  “quotes” – dash… • →\n",
    "│ cell │ cell │  日本語 ☃ 한글\n",
    "├──────┼──────┤  \x1b[41m 41 \x1b[42m 42 \x1b[43m 43 \x1b[44m 44 \x1b[45m 45 \x1b[46m 46 \x1b[47;30m 47 \x1b[0m\n",
    "└──────┴──────┘\n",
    "\x1b[1;36mvelocity> \x1b[0mcat ",
);

fn main() -> Result<(), Box<dyn Error>> {
    let mut path = None;
    for argument in std::env::args().skip(1) {
        if argument == "--time" { time() } else { path = Some(argument) }
    }
    let path = path.ok_or("name the PNG file to write")?;
    let (width, height) = (640, 400);
    let mut console = Console::new(width, height);
    console.write(SAMPLE.as_bytes());
    console.take_damage();
    let mut encoder = png::Encoder::new(std::fs::File::create(path)?, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let bytes: Vec<u8> = console.pixels().iter().flat_map(|pixel| pixel.to_be_bytes().into_iter().skip(1)).collect();
    encoder.write_header()?.write_image_data(&bytes)?;
    Ok(())
}

/// The quickest of many runs of `work`, which says itself how long it took.
fn best(work: impl FnMut() -> Duration) -> Duration {
    std::iter::repeat_with(work).take(200).min().unwrap_or_default()
}

/// Writes to `console` and draws; answers how long that took.
fn draw(console: &mut Console, bytes: &[u8]) -> Duration {
    let start = Instant::now();
    console.write(bytes);
    std::hint::black_box(console.take_damage());
    start.elapsed()
}

fn time() {
    let create = best(|| {
        let start = Instant::now();
        std::hint::black_box(Console::new(1280, 800));
        start.elapsed()
    });
    let line = "the quick brown fox jumps over the lazy dog; ".repeat(4);
    let page = |columns: usize, rows: usize| -> String {
        let rows = (0..rows).map(|row| format!("\x1b[{}m{}\n", 31 + row % 7, &line[..columns - 1]));
        rows.collect::<String>().trim_end().into()
    };
    let (mut small, mut large) = (Console::new(570, 410), Console::new(1280, 800));
    let full = best(|| {
        draw(&mut small, b"\x1b[H\x1b[2J");
        draw(&mut small, page(80, 25).as_bytes())
    });
    draw(&mut large, page(180, 49).as_bytes());
    let scroll = best(|| draw(&mut large, page(180, 1).replace("the", "\nthe").as_bytes()));
    let key = best(|| draw(&mut large, b"x"));
    println!("create 1280x800 {create:?}; draw 80x25 {full:?}; scroll 1280x800 {scroll:?}; key {key:?}");
}
