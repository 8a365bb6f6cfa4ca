import Image from "next/image";

export default function Page() {
  return (
    <main>
      hello
      <Image src="/logo.svg" width={10} height={10} alt="" unoptimized />
    </main>
  );
}
