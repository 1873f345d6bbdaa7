use toolgen::*;
use toolgen::training::states::HiddenStates;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    let c = model::file::load(a[1].as_ref(), backend::cpu::Cpu).unwrap();
    eprintln!("load {:?} {}", t.elapsed(), c.sha256);
    if a[2] == "states" {
        let data = tool::dataset::read_instances(a[3].as_ref()).unwrap();
        let q: Vec<&str> = data.iter().map(|i| i.query.as_str()).collect();
        let t = std::time::Instant::now();
        pollster::block_on(HiddenStates::compute(&c, &q, Some(a[4].as_ref()), |n| if n % 200 == 0 { eprintln!("{n} {:?}", t.elapsed()) })).unwrap();
        return;
    }
    let e = agent::Engine::new(c).unwrap();
    let t = std::time::Instant::now();
    let mut s = e.complete(&a[3], a[4].parse().unwrap()).unwrap();
    let mut n = 0;
    while let Some(ev) = pollster::block_on(s.next()).unwrap() {
        match ev { agent::Event::Token { text, .. } => { n += 1; print!("{text}") }, e => eprintln!("{e:?} {:?}", t.elapsed()) }
    }
    eprintln!("\n{n} {:?}", t.elapsed());
}
