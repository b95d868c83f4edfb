import { createAgent, defineHarness, createMemorySink, tool, openTraceFile, inline, defineProcessor } from "@harnessx/core";
import { rmSync, mkdirSync } from "node:fs";
const RUNS = 2000;
const schema = { type:"object", properties:{q:{type:"string"}}, required:["q"], additionalProperties:false };
const echo = tool<{q:string}>({ name:"echo", description:"echo", inputSchema: schema, execute: async ({q}) => q });
const usage={input:10,output:5};
const model = { id:"mock", policy:"scripted" as const, async generate(req: any) {
  const last = req.messages.at(-1);
  if (last.role === "tool") return { content:[{type:"text" as const,text:"done"}], toolCalls:[], finish:"stop" as const, usage };
  return { content:[], toolCalls:[{id:"c1",name:"echo",input:{q:"hello"}}], finish:"tool_calls" as const, usage };
}};
async function measure(name: string, f: () => Promise<unknown>) {
  for (let i=0;i<300;i++) await f();
  let best = Infinity;
  for (let r=0;r<5;r++) { const t=performance.now(); for (let i=0;i<RUNS;i++) await f(); best=Math.min(best,(performance.now()-t)/RUNS/2*1000); }
  console.log(name, best.toFixed(2), "us/step");
}
const plain = await defineHarness({ name:"b" });
const agent = createAgent({ harness: plain, models:{ main: model }});
await measure("null", () => agent.run("hi", { tools:[echo] }));
await measure("memory", () => agent.run("hi", { tools:[echo], trace: () => createMemorySink() }));
for (const n of [10,50]) {
  const procs = Array.from({length:n},(_, i)=> inline({ name:"p"+i, dimension:"control", hooks:["beforeModel"] }, defineProcessor((run)=>{ run.hooks.beforeModel.tap("x", ()=>undefined); })));
  const h = await defineHarness({ name:"b", inline: procs });
  const a = createAgent({ harness:h, models:{main:model}});
  await measure(n+" procs null", () => a.run("hi", { tools:[echo] }));
}
const dir="/tmp/lead/traces"; rmSync(dir,{recursive:true,force:true}); mkdirSync(dir,{recursive:true});
await measure("disk step", () => agent.run("hi", { tools:[echo], trace: { dir } }));
await measure("disk none", () => agent.run("hi", { tools:[echo], trace: { dir, durability:"none" } }));
{ const t=performance.now(); const all=[]; for (let w=0;w<16;w++) all.push((async()=>{ for(let i=0;i<125;i++) await agent.run("hi",{tools:[echo],trace:{dir}}); })()); await Promise.all(all); console.log("disk step x16", ((performance.now()-t)/2000/2*1000).toFixed(1)); }
rmSync(dir,{recursive:true,force:true});
// growth
const long = { ...model, async generate(req:any) { return { content:[], toolCalls:[{id:"c"+req.messages.length,name:"echo",input:{q:"hello"}}], finish:"tool_calls" as const, usage }; }};
const la = createAgent({ harness: plain, models:{ main: long }});
const marks:number[]=[]; let last=performance.now();
const times:number[]=[];
for (let k=0;k<3;k++){ times.length=0; last=performance.now(); const s= { write(e:any){ if(e.type==="step.end"){ const n=performance.now(); times.push(n-last); last=n; } }, flush(){}, close(){} };
await la.run("go", { tools:[echo], limits:{maxSteps:2040}, trace: () => s }); }
const med=(a:number[])=>a.slice().sort((x,y)=>x-y)[a.length>>1]*1000;
for (const n of [10,100,500,1000,2000]) console.log("step",n, med(times.slice(Math.max(0,n-20),n+20)).toFixed(1));
for (const n of [0,10,50]) {
  const procs = Array.from({length:n},(_, i)=> inline({ name:"p"+i, dimension:"control", hooks:["beforeModel"] }, defineProcessor((run)=>{ run.hooks.beforeModel.tap("x", ()=>undefined); })));
  const h = await defineHarness({ name:"b", inline: procs });
  const a = createAgent({ harness:h, models:{main:long}});
  let best=Infinity;
  for (let k=0;k<8;k++){ const t=performance.now(); await a.run("go",{tools:[echo],limits:{maxSteps:1000}}); best=Math.min(best,performance.now()-t);} 
  console.log("long run",n,"procs", best.toFixed(2),"us/step");
}
