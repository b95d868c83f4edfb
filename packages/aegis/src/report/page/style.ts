/** The page's only style sheet; colours keep a contrast of 4.5 on their ground in both schemes. */
export const style = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1a1f29;--soft:#525c6b;--line:#d5dae2;--good:#0a6b3c;--goodbg:#dff3e7;--bad:#a3201c;--badbg:#fbe5e3;--warn:#7a4b00;--warnbg:#fdf0d3;--mutebg:#e9ecf1;--link:#0b57b0;--code:#f0f2f6;--train:#b35900;--validation:#0b62b8;--sealed:#0a6b3c;--band:#c9d0db}
@media (prefers-color-scheme:dark){:root{--bg:#11151b;--card:#1a2029;--ink:#e8ecf2;--soft:#a9b3c1;--line:#343d4a;--good:#7fdba6;--goodbg:#133524;--bad:#ff9f97;--badbg:#46201e;--warn:#f2c465;--warnbg:#3d2f10;--mutebg:#2a323e;--link:#86bcff;--code:#232b36;--train:#ffad5c;--validation:#78b7ff;--sealed:#7fdba6;--band:#465162}}
*{box-sizing:border-box}
html{scroll-padding-top:.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:62rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.25rem}
h1{font-size:clamp(1.5rem,5.2vw,2.25rem);line-height:1.2;margin:.25rem 0 .5rem;letter-spacing:-.01em}
h2{font-size:1.35rem;margin:2.25rem 0 .75rem;line-height:1.25}
h3{font-size:1.08rem;margin:1.1rem 0 .25rem;line-height:1.3}.card>h3,summary h3{margin-top:0}
h4{font-size:.95rem;margin:1rem 0 .35rem}
p{margin:.4rem 0}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,button:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:4px}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.eyebrow{color:var(--soft);font-size:.875rem;margin:0}
.lead{font-size:1.05rem;max-width:48rem}
.labels{display:flex;flex-wrap:wrap;gap:.4rem;padding:0;margin:.6rem 0;list-style:none}
.badge{display:inline-block;padding:.05rem .5rem;border-radius:1rem;font-size:.8125rem;line-height:1.5;font-weight:600;background:var(--mutebg);color:var(--ink)}
.good{background:var(--goodbg);color:var(--good)}.bad{background:var(--badbg);color:var(--bad)}.warn{background:var(--warnbg);color:var(--warn)}.mute{background:var(--mutebg);color:var(--ink)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.4rem,1fr));gap:.6rem;margin:1rem 0}
.fact,.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem;min-width:0}
.fact h2{font-size:.8125rem;color:var(--soft);margin:0 0 .2rem;font-weight:600}
.fact .big{font-size:1.3rem;font-weight:700;line-height:1.25;margin:0 0 .2rem;font-variant-numeric:tabular-nums}
.fact ul{margin:.1rem 0;padding-left:1.1rem}
.card{margin:.75rem 0}
.card>h3{display:flex;flex-wrap:wrap;gap:.25rem .6rem;align-items:baseline}
.why{font-size:1.02rem;max-width:46rem}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem .9rem;margin:.5rem 0}
dt{color:var(--soft)}dd{margin:0}
.scroll{overflow-x:auto;max-width:100%;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;margin:.4rem 0;overflow-wrap:normal}
caption{text-align:left;color:var(--soft);padding:.1rem 0 .3rem}
th,td{text-align:left;padding:.28rem .7rem .28rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th[scope=row]{white-space:nowrap;font-weight:600}
thead th{color:var(--soft);font-weight:600;white-space:nowrap}
.num{text-align:right;white-space:nowrap}
.nowrap{white-space:nowrap}
td.text{min-width:13rem;overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:minmax(0,1fr);gap:0 2rem}@media (min-width:54rem){.charts{grid-template-columns:340px minmax(0,1fr)}}
.grid th[scope=row]{white-space:normal;position:sticky;left:0;background:var(--card);font-weight:400;min-width:9rem;max-width:20rem;overflow-wrap:anywhere}
.grid .cell{text-align:center;white-space:nowrap;min-width:4.2rem;padding-right:.3rem}
.cell span{display:block;border-radius:.3rem;padding:.1rem .35rem}
tr.group th{background:var(--card);font-weight:700;padding-top:.8rem}
code,pre{font:.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code,q,bdi,.quote{unicode-bidi:isolate}
code{background:var(--code);border-radius:.25rem;padding:.05rem .25rem}
pre{background:var(--code);border-radius:.4rem;padding:.6rem .75rem;margin:.35rem 0;overflow:auto;max-height:32rem;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:2;unicode-bidi:plaintext}
pre code{background:none;padding:0}
.diff ins{color:var(--good);text-decoration:none}.diff del{color:var(--bad);text-decoration:none}.diff i{color:var(--soft)}
.evidence{list-style:none;padding:0;margin:.4rem 0}
.evidence li{border-left:3px solid var(--line);padding:.1rem 0 .1rem .7rem;margin:.45rem 0}
.quote{display:block}
details{margin:.4rem 0}
summary{cursor:pointer;padding:.2rem 0;color:var(--link);font-weight:500}
summary h3{display:inline}summary h3,summary .badge{margin-right:.4rem}
summary h3{color:var(--ink)}
details.card>summary{list-style-position:outside;margin-left:1rem}
.findings{margin:.2rem 0;padding-left:1.1rem}
svg{display:block;height:auto;font:12px system-ui,sans-serif;max-width:none}
svg text{fill:var(--ink)}svg .t2{fill:var(--soft)}
.axis{stroke:var(--line);fill:none}.edge{stroke:var(--soft);stroke-width:2;fill:none}.edge.off{stroke-dasharray:4 4}
.node{stroke:var(--card);stroke-width:2;fill:var(--soft)}.node.on{fill:var(--validation)}.node.off{fill:var(--card);stroke:var(--soft)}
.train{--c:var(--train)}.validation{--c:var(--validation)}.sealed{--c:var(--sealed)}.pick{--c:var(--validation)}.refused{--c:var(--bad)}.open{--c:var(--soft)}
.mark{fill:var(--c);stroke:var(--card)}.bar{stroke:var(--c);stroke-width:2.5;fill:none}.key{fill:var(--c)}
.band{fill:var(--band);opacity:.55}
.bars rect{fill:var(--validation)}
button{font:inherit;font-size:.875rem;color:var(--link);background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.25rem .7rem;cursor:pointer}
nav ul{display:flex;flex-wrap:wrap;gap:.15rem 1rem;list-style:none;padding:0;margin:.6rem 0;font-size:.9375rem}
footer{margin-top:3rem;padding-bottom:2rem;color:var(--soft);font-size:.875rem}
@media (max-width:32rem){.eyebrow{font-size:.8125rem}.labels{gap:.25rem .3rem;margin:.4rem 0}.labels .badge{font-size:.75rem;padding:0 .4rem}.facts{gap:.5rem;margin:.6rem 0}.fact .big{font-size:1.12rem}.fact p,.fact li{font-size:.875rem;line-height:1.4}.fact .small{font-size:.8125rem}dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .35rem}.fact,.card{padding:.7rem .8rem}h2{margin-top:1.75rem}}
@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--code:#f4f4f4;--good:#0a6b3c;--goodbg:#fff;--bad:#a3201c;--badbg:#fff;--warn:#7a4b00;--warnbg:#fff;--mutebg:#fff;--link:#000;--train:#b35900;--validation:#0b62b8;--sealed:#0a6b3c;--band:#c9d0db}body{font-size:11pt}button,nav{display:none}.card,.fact,tr,svg{break-inside:avoid}.card.long{break-inside:auto}h2,h3{break-after:avoid}pre{max-height:none;white-space:pre-wrap;overflow-wrap:anywhere;overflow:visible}.scroll{overflow:visible}details::details-content{content-visibility:visible;block-size:auto}main,header,footer{max-width:none;padding:0}.badge{border:1px solid currentColor}}
`;
